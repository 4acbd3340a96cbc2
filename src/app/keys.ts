/** All keys that something on a page listens to, for the list of keys. What is drawn as one box stands between spaces or plus signs. */

export interface KeyGroup {
  readonly title: string;
  /** The keys that do the same, apart by spaces, and what they do. */
  readonly keys: readonly (readonly [keys: string, words: string])[];
}

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: 'On every page',
    keys: [
      ['s', 'Share'],
      ['c', 'Compare runs'],
      ['t', 'Light or dark'],
      ['?', 'This list'],
      ['Esc', 'Close a dialog or a menu'],
    ],
  },
  {
    title: 'Lab',
    keys: [
      ['space', 'Train, pause, go on'],
      ['.', 'Take one step'],
      ['r', 'Stop, and back to the setup'],
      ['/', 'Find a setting; Esc clears the search'],
      ['Ctrl+z', 'Undo the last change of the setup'],
      ['Ctrl+Shift+z Ctrl+y', 'Redo it'],
      ['Enter Esc', 'In a number: take it, or leave it as it was'],
      ['← →', 'On a slider, the recorded steps among them: back and forth; on tabs: the next one'],
    ],
  },
  {
    title: 'List of runs',
    keys: [
      ['↑ ↓ Home End', 'Move among runs and groups'],
      ['← →', 'Fold or open a group'],
      ['Enter', 'Look at a run'],
      ['Shift+↑ Shift+↓', 'Select along the way'],
      ['x', 'Select a run, or let it go'],
      ['F2', 'Rename'],
      ['Del', 'Delete it, or all that are selected'],
      ['Esc', 'Let go of the selection'],
      ['Ctrl+Enter', 'In a note: keep it'],
    ],
  },
  {
    title: 'Charts',
    keys: [
      ['← → Home End', 'Read off, in the lab and on the page that compares'],
      ['Shift+← Shift+→', 'Move along, where it is zoomed in'],
      ['+ −', 'Zoom in and out'],
      ['0 Esc', 'Show all'],
      ['Enter', 'Go to the step, in the lab'],
      ['← → ↑ ↓', 'On the axes of a prediction: sketch it'],
    ],
  },
  {
    title: 'Code of one’s own',
    keys: [
      ['Ctrl+Enter', 'Train with it'],
      ['Ctrl+s', 'Keep it'],
      ['Ctrl+space', 'Complete what was begun'],
      ['Tab Shift+Tab', 'Indent a line, or less'],
      ['Esc', 'Close the editor'],
      ['Ctrl+z', 'Undo what was typed'],
    ],
  },
  {
    title: 'Presenting',
    keys: [
      ['p', 'Present, on the page of an experiment'],
      ['→ ↓ PgDn Enter', 'Next panel; so do clickers'],
      ['← ↑ PgUp Backspace', 'Panel before'],
      ['Home End', 'First and last panel'],
      ['space', 'Train or pause where there is a run, else next panel'],
      ['b .', 'Blank screen, and back'],
      ['f', 'Full screen'],
      ['n', 'Window of notes, which has the same keys for the panels'],
      ['Esc', 'Leave'],
    ],
  },
];
