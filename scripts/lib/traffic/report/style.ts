/** Colours and shapes of the report. Everything is in the page, so that it can be mailed and opened anywhere. */
export const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2231;--soft:#5d687b;--rule:#e3e7ee;--grid:#edf0f4;
--good:#2f7fd6;--warn:#d98a1b;--bad:#d04437;--none:#8b95a5;--other:#6c7fd8;--wanted:#131a26;--simulated:#8a3ffc;
--band:#cfe2f8;--ok:#167a52;--okbg:#dcf3e7;--offbg:#fbe0dc}
@media (prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1b2029;--ink:#e8ecf3;--soft:#9aa5b8;--rule:#2c3340;
--grid:#262c37;--good:#5aa5f5;--warn:#e9a94b;--bad:#ef7267;--none:#7d8798;--other:#93a2f0;--wanted:#f5f7fb;
--simulated:#b48cff;--band:#26405f;--ok:#6fd3a3;--okbg:#153c2c;--offbg:#4a211d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:25px;line-height:1.25;margin:0 0 8px}h2{font-size:18px;margin:0 0 4px}h3{font-size:13px;margin:22px 0 8px;
color:var(--soft);text-transform:uppercase;letter-spacing:.06em}
p{margin:4px 0 10px}.soft,.hint{color:var(--soft)}
section{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:22px 24px;margin:18px 0}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{overflow:auto;background:var(--bg);border:1px solid var(--rule);border-radius:8px;padding:12px;margin:8px 0}
svg{display:block;width:100%;height:auto;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.verdict{display:inline-block;border-radius:99px;padding:2px 12px;font-size:13px;font-weight:600;vertical-align:3px;margin-left:8px}
.verdict.ok{background:var(--okbg);color:var(--ok)}.verdict.off{background:var(--offbg);color:var(--bad)}
table{border-collapse:collapse;width:100%;margin-top:10px;font-size:14px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft);text-align:right;padding:4px 10px;border-bottom:1px solid var(--rule)}
td{text-align:right;white-space:nowrap;padding:5px 10px;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{text-align:left;padding-left:0}td.off{color:var(--bad);font-weight:600}
ul{margin:6px 0;padding-left:20px}li.off,p.off{color:var(--bad)}
.narrow{max-width:720px}.small{max-width:560px;margin-bottom:10px}.wide{overflow-x:auto}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;font-size:13px;color:var(--soft);margin:6px 0 0}
.legend svg{display:inline-block;width:30px;height:16px;vertical-align:-3px;margin-right:6px}
details{margin:10px 0;max-width:100%}summary{cursor:pointer;color:var(--soft)}
svg text{fill:var(--ink)}svg text.hint,svg text.share{fill:var(--soft);font-size:12px}svg text.name{font-weight:600;font-size:13px}
svg text.value{font-weight:600}svg text.off{fill:var(--bad)}
svg text.share{paint-order:stroke;stroke:var(--card);stroke-width:4px;font-weight:600}
.node rect{fill:var(--card);stroke:var(--rule);stroke-width:1.5}.node.client rect,.node.gateway rect{fill:var(--bg)}
.node.proxy rect{stroke-dasharray:5 4}
path.expected{fill:none;stroke:var(--band);stroke-linecap:butt}path.observed{fill:none;stroke:var(--good);opacity:.75}
path.copy{stroke-dasharray:7 5;opacity:.55}
.bar,.fill{opacity:.85}.good{fill:var(--good)}.warn{fill:var(--warn)}.bad{fill:var(--bad)}.none{fill:var(--none)}.other{fill:var(--other)}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft)}.whisker{stroke:var(--ink);stroke-width:1.6}
.wanted{stroke:var(--wanted);stroke-width:2.4}.simulated{fill:var(--card);stroke:var(--simulated);stroke-width:2.4}
.bucket{fill:var(--good);opacity:.7}.mark{stroke:var(--simulated);stroke-dasharray:3 3}
path.ours{fill:none;stroke:var(--good);stroke-width:2.5}circle.ours{fill:var(--good)}
path.printed{fill:none;stroke:var(--warn);stroke-width:2;stroke-dasharray:6 5}circle.printed{fill:var(--warn)}
`.replaceAll("\n", "");
