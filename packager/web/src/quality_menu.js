// The menu of rungs: automatic (with the rung that plays now) or one of them. Hidden while there is only one.
import videojs from 'video.js/core';
import { fill } from './texts.js';

const MenuButton = videojs.getComponent('MenuButton');
const MenuItem = videojs.getComponent('MenuItem');

class QualityItem extends MenuItem {
  constructor(player, options) {
    super(player, { ...options, selectable: true, multiSelectable: false });
  }

  handleClick(event) {
    super.handleClick(event);
    this.options_.choose(this.options_.level);
  }
}

export class QualityMenu extends MenuButton {
  constructor(player, options) {
    super(player, options);
    this.controlText(options.texts.quality);
    options.engine.addEventListener('levels', () => this.update());
  }

  buildCSSClass() {
    return `quality-menu ${super.buildCSSClass()}`;
  }

  buildWrapperCSSClass() {
    return `quality-menu ${super.buildWrapperCSSClass()}`;
  }

  createItems() {
    const { engine, texts } = this.options_;
    const hls = engine?.hls;
    if (!hls || hls.levels.length < 2) return [];
    const now = hls.levels[hls.currentLevel]?.height;
    const automatic = now ? fill(texts.autoNow, { now: `${now}p` }) : texts.auto;
    const rungs = hls.levels.map((level, index) => ({ label: `${level.height}p`, level: index })).reverse();
    const wanted = hls.autoLevelEnabled ? -1 : hls.loadLevel;
    return [{ label: automatic, level: -1 }, ...rungs].map((item) => new QualityItem(this.player_, { ...item, selected: item.level === wanted, choose: (level) => this.choose_(level) }));
  }

  choose_(level) {
    if (this.options_.engine.hls) this.options_.engine.hls.nextLevel = level;
    this.update();
  }
}

videojs.registerComponent('QualityMenu', QualityMenu);
