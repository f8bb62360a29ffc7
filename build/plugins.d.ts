/** Characters that stand alone in a cell of their own, in code units, for a character class. */
export const plainCharacters: string;
