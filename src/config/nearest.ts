/**
 * The nearest known word to one that is not known.
 */

/** The known word that `word` most likely meant; undefined when none is near (a third of its letters, at least two). */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_\s]/g, '-');
  // A long text is no typing error, and comparing it would take its time.
  if (word.length > 100) return undefined;
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= limit && distance < candidate.length)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Letters inserted, removed or replaced to get from `a` to `b` (Levenshtein's distance). */
function editDistance(a: string, b: string): number {
  const others = Array.from(b);
  let row = Array.from({ length: others.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of others.entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[others.length] ?? 0;
}
