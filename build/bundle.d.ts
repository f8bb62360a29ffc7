/** The text of an output with its imports of Node's modules turned into questions to `process.getBuiltinModule`. */
export const askForBuiltins: (text: string) => string;
