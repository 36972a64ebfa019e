// Copies the address that is shown once. Without this script it stands in a field, to be copied by hand.

const button = document.querySelector<HTMLButtonElement>('#copy');
const field = document.querySelector<HTMLInputElement>('#address');
if (button !== null && field !== null) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(field, button));
}

async function copy(field: HTMLInputElement, { dataset }: HTMLElement): Promise<void> {
  const isCopied = await navigator.clipboard?.writeText(field.value).then(
    () => true,
    () => false,
  );
  // Without https there is no clipboard, only what is selected.
  const said = isCopied || copySelected(field) ? dataset['copied'] : dataset['failed'];
  document.querySelector('#copied')?.replaceChildren(said ?? '');
}

function copySelected(field: HTMLInputElement): boolean {
  field.select();
  return document.execCommand('copy');
}
