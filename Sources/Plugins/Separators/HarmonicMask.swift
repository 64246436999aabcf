import Kit

/// How harmonic each point of a spectrogram is: lines along time compared with lines along frequency (Fitzgerald 2010).
struct HarmonicMask {
    let frames: Int
    let bins: Int
    /// The medians are over 2 · reach + 1 points, fewer at the edges.
    let timeReach: Int
    let binReach: Int

    /// The mask of magnitudes [frames, bins]: h² / (h² + p²) with the medians h along time and p along frequency; 0 in
    /// silence.
    func mask(_ levels: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: levels.count)
        levels.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { target in
                nonisolated(unsafe) let (source, target) = (source.baseAddress!, target.baseAddress!)
                ThreadPool.shared.forEachRange(frames, grain: 8) { range in
                    var room = [Float](repeating: 0, count: 2 * max(timeReach, binReach) + 1)
                    for frame in range {
                        let times = max(0, frame - timeReach)...min(frames - 1, frame + timeReach)
                        for bin in 0..<bins {
                            let near = max(0, bin - binReach)...min(bins - 1, bin + binReach)
                            let h = Self.median(source + times.lowerBound * bins + bin, times.count, step: bins, &room)
                            let p = Self.median(source + frame * bins + near.lowerBound, near.count, step: 1, &room)
                            let sum = h * h + p * p
                            target[frame * bins + bin] = sum > 0 ? h * h / sum : 0
                        }
                    }
                }
            }
        }
        return result
    }

    /// The middle of `count` values; the upper one of two.
    private static func median(_ first: UnsafePointer<Float>, _ count: Int, step: Int, _ room: inout [Float]) -> Float {
        room.withUnsafeMutableBufferPointer { sorted in
            for n in 0..<count {
                let value = first[n * step]
                var place = n
                while place > 0, sorted[place - 1] > value {
                    sorted[place] = sorted[place - 1]
                    place -= 1
                }
                sorted[place] = value
            }
            return sorted[count / 2]
        }
    }
}
