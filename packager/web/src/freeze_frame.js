// Keeps the last picture on the stage while the engine starts anew (which empties the video element): a still is calmer than black.
export class FreezeFrame {
  constructor(parent) {
    this.canvas_ = document.createElement('canvas');
    this.canvas_.className = 'freeze-frame';
    this.canvas_.setAttribute('aria-hidden', 'true');
    this.canvas_.hidden = true;
    parent.append(this.canvas_);
  }

  hold(video) {
    if (!video?.videoWidth || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.canvas_.width = video.videoWidth;
    this.canvas_.height = video.videoHeight;
    this.canvas_.getContext('2d').drawImage(video, 0, 0);
    this.canvas_.hidden = false;
  }

  release() {
    this.canvas_.hidden = true;
  }
}
