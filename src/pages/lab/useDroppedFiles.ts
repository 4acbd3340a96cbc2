import { useEffect, useState } from 'react';
import { takeAll } from './keep';

/** A file dropped anywhere is read, instead of replacing the page. */
export function useDroppedFiles(): void {
  const [stop] = useState(() => (event: DragEvent) => event.preventDefault());
  useEffect(() => {
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      void takeAll([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', stop);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', stop);
      window.removeEventListener('drop', drop);
    };
  }, [stop]);
}
