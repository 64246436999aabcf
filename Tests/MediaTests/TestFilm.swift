import Foundation
import Kit

/// Films that tests write: frames that spell their own number, and sound in which no segment occurs twice.
enum TestFilm {
    static let width = 64
    static let height = 32
    /// How many bits of its number a frame shows, as white and black columns.
    private static let bits = 8

    /// A frame that spells `number`.
    static func frame(_ number: Int) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for row in 0..<height {
            for column in 0..<width {
                let bit = column * bits / width
                let value: UInt8 = number >> bit & 1 == 1 ? 230 : 20
                for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = value }
            }
        }
        return pixels
    }

    /// The number that frame `index` of `frames` spells.
    static func number(_ frames: Frames, _ index: Int) -> Int {
        (0..<bits).reduce(0) { number, bit in
            let column = (2 * bit + 1) * frames.width / (2 * bits)
            let at = ((index * frames.height + frames.height / 2) * frames.width + column) * 3
            return number | (frames.values[at] > 128 ? 1 << bit : 0)
        }
    }

    /// Smoothed noise, different in each channel: [channels, seconds · rate].
    static func noise(seconds: Double, rate: Int = 48_000, channels: Int = 2, seed: UInt64 = 1) -> Waveform {
        let count = Int((seconds * Double(rate)).rounded())
        var sound = Waveform(channels: channels, count: count, sampleRate: rate)
        for channel in 0..<channels {
            var random = RandomStream(seed: seed).derived("noise", channel)
            var (slow, slower): (Float, Float) = (0, 0)
            for i in 0..<count {
                slow += 0.25 * (random.uniform() - 0.5 - slow)
                slower += 0.25 * (slow - slower)
                sound.values[channel * count + i] = slower
            }
        }
        return sound
    }

    /// Writes a film whose frames count up from 0, and returns the samples of its sound tracks.
    @discardableResult
    static func write(
        _ path: String, seconds: Double, video: FilmWriter.VideoFormat? = .init(width: width, height: height),
        sounds: [FilmWriter.Sound] = []
    ) throws -> [Waveform] {
        let writer = try FilmWriter(path, video: video, sounds: sounds)
        if let video {
            for number in 0..<Int((seconds * video.frameRate).rounded()) {
                try writer.write(frame: TestFilm.frame(number))
            }
        }
        let waves = sounds.enumerated().map {
            noise(seconds: seconds, rate: $1.sampleRate, channels: $1.channels, seed: UInt64($0 + 1))
        }
        for (track, wave) in waves.enumerated() { try writer.write(sound: wave, track: track) }
        try writer.finish()
        return waves
    }

    /// The shift, within ±`reach` samples, at which `part` occurs in `whole` around `expected`.
    static func lag(of part: ArraySlice<Float>, in whole: ArraySlice<Float>, at expected: Int, reach: Int = 600) -> Int
    {
        let (part, whole) = (Array(part), Array(whole))
        var best = (lag: Int.max, score: -Float.infinity)
        for lag in -reach...reach {
            let begin = expected + lag
            guard begin >= 0, begin + part.count <= whole.count else { continue }
            var (dot, energy): (Float, Float) = (0, 1e-9)
            for i in part.indices {
                dot += part[i] * whole[begin + i]
                energy += whole[begin + i] * whole[begin + i]
            }
            if dot / energy.squareRoot() > best.score { best = (lag, dot / energy.squareRoot()) }
        }
        return best.lag
    }

    /// The largest difference of two stretches, relative to the loudest sample.
    static func difference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
        let peak = max(1e-6, a.map(abs).max() ?? 0)
        return zip(a, b).map { abs($0 - $1) }.max()! / peak
    }
}
