// Predict with a compressed student of skdistill in a browser, or in Node.js from 20.12 on:
//     const student = await load(await (await fetch("student.skd")).arrayBuffer());
//     student.classes;                       // labels; of multilabel targets the columns
//     student.predictProba("good food");     // their probabilities, in this order
// It reads what `compress` writes: docs/guide/file_format.md, the kind "keyed_bag". The probabilities are those of
// Python within 1e-5, unless a text has characters that only the newer one of the two Unicode versions knows.

const PROTOCOL = 1, KEY_VERSION = 1, MOST_WORDS = 20_000;  // that are remembered
const FREE = 4_000_000, MOST_DEFLATED = 20;  // a file may expand to so many bytes, plus so many times its own
const M = 0x9E3779B97F4A7C15n;  // the multiplier of keys
const TOKEN = 0n, NGRAM = M, SUBWORD = BigInt.asUintN(64, 2n * M);  // what keys are xor-ed with, by kind of feature
const UNKNOWN = 1n, WORD_START = 0xFDD0n, WORD_END = 0xFDD1n;  // symbols
// Letters are what Python's str.isalnum accepts (the categories L and N), combining marks and two joiners. White space
// is that of str.isspace, which has U+001C to U+001F and U+0085 but not U+FEFF, unlike \s; and U+0000.
const WORDS = /[\p{L}\p{N}\p{M}\u200c\u200d]+|\ufeff|[^\s\0\x1c-\x1f\x85]/gu;
const CHARACTERS = /\ufeff|[^\s\0\x1c-\x1f\x85]/gu;

/** A file holds no model that can be loaded; the message says why in a sentence. */
export class LoadError extends Error {}
function check(condition, message) {
  if (!condition) throw new LoadError(message);
}

/** Return the student of a file's bytes, or throw a LoadError. */
export async function load(buffer) {
  try {
    const read = readerOf(new Uint8Array(buffer));
    const { values, arrays } = checkMeta(JSON.parse(new TextDecoder().decode(await read("meta.json"))));
    const network = values.networks.main, n_classes = values.classes.labels.length;
    const array = async (name, dtype, length) => {
      const bytes = await read(`main.${name}`), numbers = new dtype(bytes.buffer);  // both are little-endian
      check(crc32(bytes) === arrays[`main.${name}`].crc32, `The array '${name}' is damaged: its checksum is wrong.`);
      check(length === undefined || numbers.length === length, `The array '${name}' must have ${length} numbers.`);
      return numbers;
    };
    const { n_rows: n, n_columns: width } = network;
    return new Student(values, network, {
      keys: unpackKeys(await array("keys", Uint8Array), n),
      table: unpackTable(await array("codes", Uint8Array), await array("steps", Float32Array), n, width),
      kernel: await array("kernel_codes", Int8Array, width * n_classes),
      kernelSteps: await array("kernel_steps", Float32Array, width),
      bias: Float32Array.from(await array("bias", Uint16Array, n_classes), float16),
    });
  } catch (error) {
    // Whatever else is thrown comes from bytes that are not where, or what, they should be.
    throw error instanceof LoadError ? error : new LoadError(`The file is damaged or incomplete: ${error.message}.`);
  }
}

function checkMeta(meta) {
  check(meta.format === "skdistill", "The file is not a saved model: meta.json is not that of skdistill.");
  check(Number.isInteger(meta.protocol) && meta.protocol <= PROTOCOL,
    `The file was saved by a newer version of skdistill (protocol ${meta.protocol}; this script reads ${PROTOCOL}).`);
  const { networks, predict_with: role, out_activation: activation } = meta.values, { kind } = networks[role] ?? {};
  check(role === "main" && kind === "keyed_bag",
    `Only a compressed student can be read here. Got the network ${kind ?? role}: call extract and compress first.`);
  check(networks.main.key_version === KEY_VERSION, "The student finds its features by keys of another version.");
  check(["word", "char"].includes(networks.main.analyzer) && ["softmax", "sigmoid"].includes(activation),
    "The student splits texts, or ends in probabilities, in a way that is not known here.");
  return meta;
}

/** Return a function from the name of a member of a zip archive to its bytes. */
function readerOf(file) {
  check(file[0] === 0x50 && file[1] === 0x4B, "The file is not a saved model: it does not begin like a zip archive.");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u16 = (place) => view.getUint16(place, true), u32 = (place) => view.getUint32(place, true);
  let end = file.length - 22;  // the record of the directory, which a comment may follow
  while (u32(end) !== 0x06054B50) end--;  // throws before the beginning
  const members = new Map();
  for (let place = u32(end + 16), i = 0; i < u16(end + 10); i++) {
    check(u32(place) === 0x02014B50, "The file is damaged or incomplete: its directory is not whole.");
    const name = new TextDecoder().decode(file.subarray(place + 46, place + 46 + u16(place + 28)));
    members.set(name, [u16(place + 10), u32(place + 20), u32(place + 24), u32(place + 42)]);
    place += 46 + u16(place + 28) + u16(place + 30) + u16(place + 32);
  }
  check(members.has("meta.json"), "The file is not a saved model: it is a zip archive without meta.json.");
  const total = [...members.values()].reduce((sum, [, , size]) => sum + size, 0);
  check(total <= FREE + MOST_DEFLATED * file.length, `The file claims to hold ${total} bytes, too many for its size.`);
  return async (name) => {
    const [method, packed, size, at] = members.get(name) ?? [];
    const begin = at + 30 + u16(at + 26) + u16(at + 28);  // after the local header, its name and its extra field
    check(begin + packed <= file.length && [0, 8].includes(method), `The member '${name}' is missing or incomplete.`);
    return method === 0 ? file.slice(begin, begin + packed) : inflate(file.slice(begin, begin + packed), size);
  };
}

async function inflate(bytes, size) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const inflated = new Uint8Array(size);
  let length = 0;  // below, `set` throws where there is more than the directory of the archive says
  for (let part; !(part = await reader.read()).done; length += part.value.length) inflated.set(part.value, length);
  check(length === size, "The file is damaged or incomplete: a member is too short.");
  return inflated;
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xEDB88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Return the value of the 16 bits of a half-precision number (IEEE 754). */
function float16(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return (bits >> 15 ? -1 : 1) * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

/** Return a Map from each key to its row. The bytes hold gaps between keys: all lowest bytes, all next ones, … */
function unpackKeys(bytes, n) {
  check(bytes.length > 0 && bytes.length % n === 0, "The file is inconsistent: the number of its keys is wrong.");
  const rows = new Map();
  for (let i = 0, key = -1n; i < n; i++) {
    let gap = 0n;
    for (let place = bytes.length - n + i; place >= 0; place -= n) gap = (gap << 8n) | BigInt(bytes[place]);
    rows.set(key += gap + 1n, i + 1);
  }
  return rows;
}

/** Return the rows of the table, `step * codes`, below a row of zeros. Codes come column by column. */
function unpackTable(bytes, steps, n, width) {
  const halves = bytes.length < n * width;  // two codes in a byte, each plus 8
  check(bytes.length === (halves ? Math.ceil(n * width / 2) : n * width) && [1, n].includes(steps.length),
    "The file is inconsistent: its codes or steps do not fit the number of rows.");
  const table = new Float32Array((n + 1) * width);
  for (let place = 0; place < n * width; place++) {
    const row = place % n, column = (place - row) / n;
    const code = halves ? ((bytes[place >> 1] >> (4 * (place & 1))) & 15) - 8 : bytes[place] << 24 >> 24;
    table[(row + 1) * width + column] = code * steps[steps.length === 1 ? 0 : row];
  }
  return table;
}

/** Return the keys of all runs of n symbols s: s[0] M^n + s[1] M^(n-1) + … + s[n-1] M modulo 2^64. */
function runKeys(symbols, n) {
  const key = (run) => run.reduce((sum, symbol) => BigInt.asUintN(64, (sum + symbol) * M), 0n);
  return Array.from({ length: Math.max(symbols.length - n + 1, 0) }, (_, i) => key(symbols.slice(i, i + n)));
}

class Student {
  constructor(values, network, arrays) {
    Object.assign(this, { network, activation: values.out_activation, ...arrays });
    Object.assign(this, { classes: values.classes.labels, shift: BigInt(64 - network.bits), words: new Map() });
  }

  /** Return the probabilities of the classes of a text. */
  predictProba(text) {
    const { kernel, kernelSteps, bias } = this, n = bias.length;
    const scaled = this.pool(this.split(text).map((word) => this.read(word))).map((x, j) => x * kernelSteps[j]);
    const logits = Array.from(bias, (offset, k) => scaled.reduce((sum, x, j) => sum + x * kernel[j * n + k], offset));
    if (this.activation === "sigmoid") return logits.map((x) => 1 / (1 + Math.exp(-x)));
    const largest = Math.max(...logits), odds = logits.map((x) => Math.exp(x - largest));
    const total = odds.reduce((a, b) => a + b);
    return odds.map((x) => x / total);
  }

  /** Return the tokens of a text, as many of the first or last ones as the student reads. */
  split(text) {
    const { analyzer, lowercase, sequence_length: most, truncating } = this.network;
    const tokens = (lowercase ? text.toLowerCase() : text).match(analyzer === "word" ? WORDS : CHARACTERS) ?? [];
    return truncating === "post" ? tokens.slice(0, most) : tokens.slice(-most);
  }

  /** Return the symbol of a word in the keys of n-grams, its row, and the rows of its character n-grams. */
  read(word) {
    if (this.words.has(word)) return this.words.get(word);
    const letters = Array.from(word, (character) => BigInt(character.codePointAt(0)));
    const [key] = runKeys(letters, letters.length), mixed = key ^ (key >> 32n);
    const isUnknown = this.network.has_unknown && !this.row(mixed, TOKEN), symbol = isUnknown ? UNKNOWN : mixed;
    const marked = [WORD_START, ...letters, WORD_END];
    const sizes = this.network.subwords.filter((n) => n !== marked.length);  // the whole word is a token already
    const subwords = sizes.flatMap((n) => runKeys(marked, n).map((key) => this.row(key, SUBWORD)));
    const found = { symbol, row: this.row(symbol, TOKEN), subwords: subwords.filter((row) => row > 0) };
    if (this.words.size < MOST_WORDS) this.words.set(word, found);
    return found;
  }

  /** Return the row of a key, 0 for none: kinds of features differ by an exclusive or, and the upper bits are kept. */
  row(key, salt) {
    return this.keys.get((key ^ salt) >> this.shift) ?? 0;
  }

  /** Return the sum over groups of features of S / sqrt(c G): the sum of c rows, scaled, for G groups with rows. */
  pool(words) {
    const { table, network: { n_columns: width, ngrams } } = this, symbols = words.map((word) => word.symbol);
    const groups = [words.map((word) => word.row), words.flatMap((word) => word.subwords)];
    for (let n = 2; n <= ngrams; n++) groups.push(runKeys(symbols, n).map((key) => this.row(key, NGRAM)));
    const found = groups.map((rows) => rows.filter((row) => row > 0)).filter((rows) => rows.length > 0);
    const pooled = new Float64Array(width);
    for (const rows of found) {
      const scale = 1 / Math.sqrt(rows.length * found.length);
      for (const row of rows) for (let j = 0; j < width; j++) pooled[j] += table[row * width + j] * scale;
    }
    return pooled;
  }
}
