import { pages, update } from './samples.ts'

// Runs every program that the documentation shows, and writes what it prints into the pages.

for (const page of pages()) await update(page)
