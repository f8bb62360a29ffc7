/** What a contact's number is worth: one that can be called, or a template's placeholder that must never be offered as one. */

/** A number that nobody can call: a template's placeholder such as `+1-XXX-XXX-XXXX`. It is shown with a warning, never as callable. */
export const isPlaceholderNumber = (reach: string): boolean => /\d.*[xX]{3}|[xX]{3}.*\d|^\+?[\s\dxX().-]*[xX]{3}[\s\dxX().-]*$/.test(reach);

/** The telephone number in a text, placeholders too; null where there is none. */
export const numberIn = (text: string): string | null => /\+?\(?\d[\dxX][\dxX\s().-]{5,}[\dxX]|\+\d[\dxX\s().-]*[xX]{3}[\dxX\s().-]*[\dxX]/.exec(text)?.[0]?.trim() ?? null;
