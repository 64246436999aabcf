import KitData
import KitTensor

extension EventFilter {
    /// The events of one recording, sorted by start: runs of frames in which a class scores above a boundary in more
    /// than half of the surrounding frames. This equals HEAR's evaluation kit with probabilities above 0.5, because a
    /// median commutes with thresholds.
    ///
    /// - Parameters:
    ///   - scores: [frames, classes].
    ///   - times: the times of the frames, ascending, in milliseconds.
    public func events(_ scores: Tensor, times: [Double], above boundary: Double) -> [SoundEvent] {
        let classes = scores.shape[1]
        var events: [SoundEvent] = []
        for label in 0..<classes {
            let isActive = smoothed(
                times.indices.map { Double(scores.pointer[$0 * classes + label]) > boundary }, times)
            var first: Int?
            for frame in 0...times.count {
                if frame < times.count, isActive[frame] {
                    first = first ?? frame
                } else if let start = first {
                    let event = SoundEvent(label: label, start: times[start], end: times[frame - 1])
                    if event.end - event.start >= least { events.append(event) }
                    first = nil
                }
            }
        }
        return events.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
            .map(\.element)
    }

    /// The median as in scipy's `median_filter`: frames are mirrored at the ends, and an even width reaches further
    /// back.
    private func smoothed(_ frames: [Bool], _ times: [Double]) -> [Bool] {
        guard frames.count > 1 else { return frames }
        let step = (times[times.count - 1] - times[0]) / Double(times.count - 1)
        // A width beyond the number of frames adds nothing, since mirrored frames repeat.
        let width = min(Int(saturating: (median / step).rounded(.toNearestOrEven)), 1 << 32)
        guard width > 1 else { return frames }
        return frames.indices.map { frame in
            let active = (0..<width).count { offset in
                let place = frame - width / 2 + offset
                let period = 2 * frames.count
                let mirrored = (place % period + period) % period
                return frames[min(mirrored, period - 1 - mirrored)]
            }
            return active >= width - width / 2
        }
    }
}
