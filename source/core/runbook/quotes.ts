/**
Quotes and comments of a shell text, as far as a page must know them: what is still open at its end, and where a comment begins. It hides escapes, and that
a quote inside a comment opens nothing.
*/

/** What a text is inside of where it ends: a quote, a comment, or nothing. */
export type Inside = '' | '"' | '\'' | '#';

export type QuoteReading = {
	readonly end: Inside;
	/** Where the first `#` stands that begins a word outside quotes; -1 when there is none. */
	readonly commentAt: number;
};

const nothingToRead = /^[^"'\\#]*$/;

/** Reads a text, which may begin inside a quote or a comment. */
export const readQuotes = (text: string, before: Inside = ''): QuoteReading => {
	if (before !== '#' && nothingToRead.test(text)) {
		return {end: before, commentAt: -1};
	}

	let end = before;
	let commentAt = -1;
	for (let index = 0; index < text.length; index++) {
		const character = text[index]!;
		if (end === '#') {
			const line = text.indexOf('\n', index);
			if (line < 0) {
				break;
			}

			end = '';
			index = line;
		} else if (character === '\\' && end !== '\'') {
			index++;
		} else if (end !== '') {
			end = character === end ? '' : end;
		} else if (character === '"' || character === '\'') {
			end = character;
		} else if (character === '#' && (index === 0 || /\s/.test(text[index - 1]!))) {
			end = '#';
			commentAt = commentAt < 0 ? index : commentAt;
		}
	}

	return {end, commentAt};
};

/** The text before a `#` that begins a word outside quotes. */
export const withoutComment = (command: string): string => {
	const {commentAt} = readQuotes(command);
	return commentAt > 0 ? command.slice(0, commentAt).trimEnd() : command;
};
