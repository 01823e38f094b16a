/** How long each part of the run took; parts may overlap. */
export class Phases {
  readonly #done: { readonly name: string; readonly seconds: number }[] = [];

  async measure<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#done.push({ name, seconds: (performance.now() - startedAt) / 1_000 });
    }
  }

  get all(): readonly { readonly name: string; readonly seconds: number }[] {
    return this.#done;
  }
}
