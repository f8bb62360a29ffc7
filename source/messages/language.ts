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
