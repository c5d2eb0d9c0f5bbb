import assert from 'node:assert/strict';
import { definitionsOf } from '../../../src/clean/cause/definitions.ts';
import { readDockerfile } from '../../../src/clean/cause/dockerfile.ts';

/** Line and keyword of each instruction, with its words. */
function read(text: string): string[] {
  return readDockerfile(text, 'Dockerfile').instructions.map(({ line, keyword, words }) =>
    [line, keyword, ...words.map((word) => word.text)].join(' '),
  );
}

describe('readDockerfile', () => {
  it('finds the instructions as BuildKit does, where its parser would not', () => {
    const cases: [string, string[]][] = [
      ['RUN x \\\\\nENV A=1', ['2 RUN', '3 ENV A=1']],
      ['RUN x \\  \n  y\nENV A=1', ['2 RUN', '4 ENV A=1']],
      ['RUN bash -c "cat <<EOF > x \\\n  y"\nENV A=1', ['2 RUN', '4 ENV A=1']],
      ["RUN bash -c 'cat <<EOF'\nENV A=1", ['2 RUN', '3 ENV A=1']],
      ['RUN cat 3<<EOF\nENV B=1\nEOF\nENV A=1', ['2 RUN', '5 ENV A=1']],
      ['RUN echo $((1<<2)) a<<EOF <<<EOF\nENV A=1', ['2 RUN', '3 ENV A=1']],
      ['RUN cat <<-"EOF" && cat <<B\nENV B=1\n\tEOF\nx\nB\nENV A=1', ['2 RUN', '7 ENV A=1']],
      ["RUN cat <<EOF\ndon't <<B\nEOF\nENV A=1", ['2 RUN', '5 ENV A=1']],
      ['ENV A=1 \\\n# a comment\n\n  B="x # y"\nARG C', ['2 ENV A=1 B="x # y"', '6 ARG C']],
      ['ENV A=\rx\nARG C', ['2 ENV A= x', '3 ARG C']],
    ];
    for (const [text, expected] of cases) {
      assert.deepEqual(read(`FROM a\n${text}\n`), ['1 FROM a', ...expected], text);
      assert.deepEqual(read(`FROM a\n${text}\n`.replaceAll('\n', '\r\n')), ['1 FROM a', ...expected], `${text}, CRLF`);
    }
  });

  it('heeds the escape directive', () => {
    assert.deepEqual(read('# escape=`\nFROM a\nENV A=b\\ B=`\n2 C="a `" b"\n'), ['2 FROM a', '3 ENV A=b\\ B=2 C="a `" b"']);
    assert.deepEqual(read('\n# escape=`\nFROM a\nENV A=1 `\n'), ['3 FROM a', '4 ENV A=1 `'], 'behind an empty line it is a comment');
  });

  it('knows flags, triggers, the JSON form and stages', () => {
    const { instructions, stages } = readDockerfile(
      'FROM --platform=x a AS Base\nONBUILD copy --from=b \\\n --link ["a b", "c\\"d"]\nFROM base\nCOPY [x y\n',
      'D',
    );
    const [from, copy, , broken] = instructions;
    assert.deepEqual(
      from.flags.map(({ text }) => text),
      ['--platform=x'],
    );
    assert.deepEqual([copy.keyword, copy.isTrigger, copy.isJson], ['COPY', true, true]);
    assert.deepEqual(
      copy.flags.map(({ text }) => text),
      ['--from=b', '--link'],
    );
    assert.deepEqual(
      copy.words.map(({ text }) => text),
      ['a b', 'c"d'],
    );
    assert.deepEqual(
      broken.words.map(({ text }) => text),
      ['[x', 'y'],
    );
    assert.deepEqual(stages, [
      { name: 'base', base: 'a', parent: undefined, line: 1 },
      { name: undefined, base: 'base', parent: 0, line: 4 },
    ]);
  });
});

describe('definitionsOf', () => {
  const defined = (line: string) =>
    definitionsOf(readDockerfile(`FROM a\n${line}`, 'D').instructions[1]).map(({ name, value, valueStart, end }) => [
      name,
      value,
      `FROM a\n${line}`.slice(valueStart, end),
    ]);

  it('reads every form of ENV and ARG', () => {
    assert.deepEqual(defined('ENV A=1 B="x y" C=a\\ b'), [
      ['A', '1', '1'],
      ['B', '"x y"', '"x y"'],
      ['C', 'a\\ b', 'a\\ b'],
    ]);
    assert.deepEqual(defined('ENV A b c=d'), [['A', 'b c=d', 'b c=d']]);
    assert.deepEqual(defined('ARG A B=2'), [
      ['A', undefined, ''],
      ['B', '2', '2'],
    ]);
    assert.deepEqual(defined('ENV A'), [['A', '', '']]);
    assert.deepEqual(defined('ENV'), []);
    assert.deepEqual(defined('ENV "A"=1'), [['A', '1', '1']]);
  });
});
