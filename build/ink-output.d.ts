/** The text of Ink's `output.js`, changed so that rows which stand still are not painted again. Throws when it is not the text that is known. */
export const withKeptFrames: (text: string, file: string) => string;
