/**
 * Compose's interpolation in one string: which variables it is made of.
 */

/** A piece of a template: text as it is, or a variable. */
export type TemplatePart =
  | { readonly text: string }
  | {
      readonly variable: string;
      /** What it renders as while unset (`-`, `:-`) or empty (`:-`); undefined: no default. */
      readonly fallback?: string;
      /** Whether an empty value takes the default too. */
      readonly emptyFallsBack: boolean;
    };

const VARIABLE =
  /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?])([^${}]*))?\})/y;

/**
 * Splits `text` into its parts; undefined when it holds something that is not understood
 * (`$$`, `${A:+b}`, nested variables), so that nobody edits it by guess.
 */
export function parseTemplate(text: string): readonly TemplatePart[] | undefined {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    const end = dollar < 0 ? text.length : dollar;
    if (end > at) parts.push({ text: text.slice(at, end) });
    if (dollar < 0) break;
    VARIABLE.lastIndex = dollar;
    const match = VARIABLE.exec(text);
    if (!match) return undefined;
    const [whole, bare, braced, operator, operand] = match;
    parts.push({
      variable: bare ?? braced ?? '',
      emptyFallsBack: operator === ':-',
      ...(operator?.endsWith('-') === true ? { fallback: operand ?? '' } : {}),
    });
    at = dollar + whole.length;
  }
  return parts;
}

/** What a part renders as, given the variables that are set. */
export function renderPart(part: TemplatePart, values: ReadonlyMap<string, string>): string {
  if ('text' in part) return part.text;
  const value = values.get(part.variable);
  if (value === undefined || (value === '' && part.emptyFallsBack)) return part.fallback ?? '';
  return value;
}

/** What one variable must become so that the template renders as `wanted`. */
export interface VariableChange {
  readonly variable: string;
  readonly value: string;
}

/**
 * Finds the one variable whose change alone makes the template render as `wanted`; undefined when none does
 * or more than one could, or a variable occurs twice.
 */
export function solveTemplate(
  parts: readonly TemplatePart[],
  values: ReadonlyMap<string, string>,
  wanted: string,
): VariableChange | undefined {
  const names = parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  if (new Set(names).size !== names.length) return undefined;
  const rendered = parts.map((part) => renderPart(part, values));
  const solutions = parts.flatMap((part, index): VariableChange[] => {
    if (!('variable' in part)) return [];
    const before = rendered.slice(0, index).join('');
    const after = rendered.slice(index + 1).join('');
    if (wanted.length <= before.length + after.length) return [];
    if (!wanted.startsWith(before) || !wanted.endsWith(after)) return [];
    const value = wanted.slice(before.length, wanted.length - after.length);
    return [{ variable: part.variable, value }];
  });
  return solutions.length === 1 ? solutions[0] : undefined;
}
