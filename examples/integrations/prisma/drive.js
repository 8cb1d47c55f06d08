export { fiveAnswers as drive } from '../shared/requests.js'
