namespace Passthrough.Gateway.Tests.SignIn;

/// <summary>Measures a page in the browser against WCAG 2.2 AA, as far as a machine can: returns a list of faults.</summary>
internal static class PageAudit
{
    public const string Script = """
        () => {
          const faults = [];
          const say = (what, e) => faults.push(what + (e ? ': ' + e.outerHTML.slice(0, 120) : ''));

          // 3.1.1 and 2.4.2: language and title. 1.3.1: one main, one first heading.
          if (document.documentElement.lang !== 'en') say('no language');
          if (!document.title) say('no title');
          if (document.querySelectorAll('main').length !== 1) say('not one main');
          if (document.querySelectorAll('h1').length !== 1) say('not one h1');
          const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
          if (new Set(ids).size !== ids.length) say('an id twice');

          // 1.3.1, 1.3.5, 3.3.2, 4.1.2: fields have a visible label, a purpose, and what describes them exists.
          for (const field of document.querySelectorAll('input:not([type=hidden]):not([hidden])')) {
            if (!field.labels.length || !field.labels[0].checkVisibility()) say('no visible label', field);
            if (!['username', 'current-password'].includes(field.autocomplete)) say('no purpose', field);
            for (const id of (field.getAttribute('aria-describedby') ?? '').split(' ').filter(x => x))
              if (!document.getElementById(id)) say('described by nothing', field);
          }
          for (const image of document.images)
            if (!image.hasAttribute('alt') || !image.complete || !image.naturalWidth) say('picture', image);
          for (const e of document.querySelectorAll('button, a'))
            if (!e.textContent.trim()) say('no name', e);
          for (const form of document.forms)
            if (form.method !== 'post' || new URL(form.action).origin !== location.origin) say('form', form);

          // 1.4.10: nothing is cut off and nothing scrolls sideways.
          if (document.documentElement.scrollWidth > innerWidth) say('scrolls sideways: ' + document.documentElement.scrollWidth);

          // 1.4.3: contrast of every text with what is behind it; 1.4.11: of the lines of fields.
          const parse = text => {
            const n = text.match(/[\d.]+/g).map(Number);
            return { r: n[0], g: n[1], b: n[2], a: n.length > 3 ? n[3] : 1 };
          };
          const luminance = c => [c.r, c.g, c.b]
            .map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const contrast = (a, b) => {
            const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
            return (x + 0.05) / (y + 0.05);
          };
          const ground = e => {
            for (; e; e = e.parentElement) {
              const c = parse(getComputedStyle(e).backgroundColor);
              if (c.a === 1) return c;
              if (c.a !== 0) say('half transparent', e);
            }
            return { r: 255, g: 255, b: 255, a: 1 };
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
            const ratio = contrast(parse(getComputedStyle(e).color), ground(e));
            if (ratio < 4.5) say('contrast ' + ratio.toFixed(2), e);
          }
          for (const e of document.querySelectorAll('input:not([type=hidden]):not([hidden])')) {
            const ratio = contrast(parse(getComputedStyle(e).borderTopColor), ground(e.parentElement));
            if (ratio < 3) say('line ' + ratio.toFixed(2), e);
          }

          // 2.4.7 and 2.4.13: what has the focus shows it. 2.5.8: what is pressed is large enough.
          const targets = [...document.querySelectorAll('input:not([type=hidden]):not([hidden]), button, a')];
          for (const e of targets) {
            const box = e.getBoundingClientRect();
            if (box.height < 24 && getComputedStyle(e).display !== 'inline') say('small: ' + box.height, e);
            e.focus({ focusVisible: true });
            const style = getComputedStyle(e);
            if (style.outlineStyle !== 'solid' || parseFloat(style.outlineWidth) < 2) say('focus is not shown', e);
            else if (contrast(parse(style.outlineColor), ground(e.parentElement)) < 3) say('focus is faint', e);
          }
          return faults;
        }
        """;
}
