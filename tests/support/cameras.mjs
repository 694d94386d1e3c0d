// How the simulated cameras look: each name has its own colour in the bottom right corner (cam/picture_painter.cpp).
// cam1 is teal (blue over red), cam2 amber (red over blue).
const kLeastDifference = 20;

export function cameraOf([red, , blue]) {
  if (blue - red > kLeastDifference) return 'cam1';
  if (red - blue > kLeastDifference) return 'cam2';
  return null;
}
