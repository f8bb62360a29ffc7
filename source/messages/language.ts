/**
The two languages, and the shape that every message area has: one object of English entries and one of Brazilian Portuguese
with exactly the same keys, which the compiler checks. An entry is a sentence, or a function from parameters to a sentence.
*/

export type Language = 'en' | 'pt-BR';

export type Area<Entries> = {readonly [language in Language]: Entries};

/** Declares an area: `ptBR` must have the keys and parameters of `en`, or it does not compile. */
export const defineArea = <const Entries extends Readonly<Record<string, unknown>>>(
	en: Entries,
	ptBR: {readonly [Key in keyof Entries]: Entries[Key] extends (...parameters: infer Parameters) => string ? (...parameters: Parameters) => string : string},
): Area<Widened<Entries>> => ({en: en as Widened<Entries>, 'pt-BR': ptBR as Widened<Entries>});

type Widened<Entries> = {readonly [Key in keyof Entries]: Entries[Key] extends (...parameters: infer Parameters) => string ? (...parameters: Parameters) => string : string};

/**
The entry of a table whose key comes from outside (a journal, a service): `null` where the table has none of its own. Plain indexing also finds what every
object inherits: a ping whose reason was recorded as `__proto__` ended a report that way.
*/
export const entryOf = <Entry>(table: Readonly<Record<string, Entry>>, key: string): Entry | null => Object.hasOwn(table, key) ? table[key]! : null;
