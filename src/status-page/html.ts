/** Markup that is safe to send as it is. Text never becomes it by itself: see `html` and `ownMarkup`. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static of(strings: TemplateStringsArray, values: readonly HtmlValue[]): Html {
    let markup = strings[0]!;
    for (const [index, value] of values.entries()) markup += markupOf(value) + strings[index + 1]!;
    return new Html(markup);
  }

  static own(markup: string): Html {
    return new Html(markup);
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template: text and numbers are escaped, `undefined` and `false` are nothing. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

/** A template whose values are escaped. Attributes stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.of(strings, values);
}

/** A constant of this folder that stands as it is, such as the style sheet. Never for anything that was read. */
export function ownMarkup(markup: string): Html {
  return Html.own(markup);
}

function markupOf(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Controls, and marks that reorder, join or hide what stands around them. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text as a page may show it, in an element or in a quoted attribute: what can't be seen is written as an escape. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"'`]/g, (mark) => entities[mark]!)
    .replace(invisible, (mark) => `\\u{${mark.codePointAt(0)!.toString(16)}}`);
}
