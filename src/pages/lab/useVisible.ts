/** Whether an element is on the screen, or will be after a little scrolling. */
import { type RefCallback, useCallback, useState } from 'react';

/** As far from the edge of what scrolls as counts as on the screen. */
const NEAR = '240px';

/** `seen` stays true once the element was visible, so that what was drawn once is kept. */
export function useVisible(): { readonly ref: RefCallback<Element>; readonly visible: boolean; readonly seen: boolean } {
  const [visible, setVisible] = useState(false);
  const [seen, setSeen] = useState(false);
  const ref = useCallback((element: Element | null) => {
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const last = entries.at(-1)?.isIntersecting === true;
        setVisible(last);
        if (last) setSeen(true);
      },
      { scrollMargin: NEAR },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, visible, seen };
}
