/** How many answers are kept; the oldest question is forgotten first. */
const MOST_ANSWERS = 1_000;

/** The last true answer to each question: what a stale read gives. */
export class FormerAnswers<Answer> {
  readonly #answers = new Map<string, Answer>();

  /** Keeps the true answer of now and gives that of before; the first time they are the same. */
  exchange(question: string, answer: Answer): Answer {
    const former = this.#answers.get(question);
    this.#answers.set(question, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    return former ?? answer;
  }
}
