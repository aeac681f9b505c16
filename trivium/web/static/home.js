// Draws how much comes in. The figures come from /pages/pulse; the page itself is moved by htmx.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("pulse");
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--soft").trim();
  const line = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
  const chart = echarts.init(place, null, { renderer: "svg" });
  const colors = ["#305f8c", "#c26a2d", "#2f7d4f", "#8b5a9f", "#b59a2b", "#3b96a5", "#b3436b", "#6b7c3a", "#7a6a5d", "#5566bb"];
  window.addEventListener("resize", () => chart.resize());

  async function draw() {
    try {
      const answer = await fetch("/pages/pulse");
      if (!answer.ok) return;
      const { times, series } = await answer.json();
      chart.setOption({
        color: colors, animation: false, textStyle: { color: ink },
        grid: { left: 48, right: 12, top: 34, bottom: 24 },
        legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: { color: ink } },
        tooltip: { trigger: "axis", valueFormatter: (value) => `${value} /s` },
        xAxis: { type: "time", axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink, hideOverlap: true } },
        yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { color: line } }, axisLabel: { color: ink } },
        series: Object.entries(series).map(([name, values]) => ({
          name, type: "line", showSymbol: false, smooth: 0.2, lineStyle: { width: 1.6 },
          data: values.map((value, n) => [times[n] * 1000, value]),
        })),
      }, { replaceMerge: ["series"] });
    } catch (error) { /* the service is away for a moment: the next look tries again */ }
  }

  draw();
  setInterval(draw, 2000);
});
