import Foundation
import KitCore
import KitMedia

/// Log-mel spectrograms as pictures: time to the right, pitch upwards, the louder the lighter.
struct SpectrogramPicture {
    /// Levels between which the colours lie.
    let range: ClosedRange<Float>
    private let mel: LogMel

    /// A scale of colours for sounds that are to be compared: from the 5th percentile of all levels to the largest.
    init(_ mel: LogMel, for spectrograms: [[Float]]) {
        let levels = spectrograms.joined().sorted()
        let low = levels.isEmpty ? 0 : levels[levels.count / 20]
        let high = levels.last ?? 0
        range = low...max(high, low)
        self.mel = mel
    }

    /// The picture of a spectrogram [frames, mels, channels], the mean of its channels.
    func frames(_ spectrogram: [Float], channels: Int) -> Frames {
        let mels = mel.settings.mels
        let count = spectrogram.count / (mels * channels)
        var picture = Frames(count: 1, height: mels, width: count)
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        for frame in 0..<count {
            for band in 0..<mels {
                let place = (frame * mels + band) * channels
                let level = spectrogram[place..<place + channels].reduce(0, +) / Float(channels)
                let color = Self.color(Double((level - range.lowerBound) / span))
                let pixel = ((mels - 1 - band) * count + frame) * 3
                for part in 0..<3 { picture.values[pixel + part] = color[part] }
            }
        }
        return picture
    }

    /// Round frequencies with their heights in the picture, 0 (bottom) to 1.
    var ticks: [(label: String, height: Double)] {
        let settings = mel.settings
        func place(_ hertz: Double) -> Double { settings.scale.mel(ofHertz: hertz) }
        let (low, high) = (place(settings.lowest), place(settings.highest))
        return [250.0, 1000, 4000, 16000].filter { settings.lowest < $0 && $0 < settings.highest * 0.95 }.map {
            ($0 < 1000 ? "\(Int($0)) Hz" : "\(Int($0 / 1000)) kHz", (place($0) - low) / (high - low))
        }
    }

    /// From nearly black over violet and orange to pale yellow, its lightness rising evenly.
    private static let stops: [[Double]] = [
        [8, 6, 24], [44, 18, 84], [101, 26, 110], [158, 43, 101], [212, 72, 66], [244, 125, 21], [250, 188, 44],
        [252, 252, 190],
    ]

    static func color(_ level: Double) -> [UInt8] {
        let place = min(max(level.isFinite ? level : 0, 0), 1) * Double(stops.count - 1)
        let index = min(Int(place), stops.count - 2)
        let share = place - Double(index)
        return zip(stops[index], stops[index + 1]).map { UInt8(($0 + ($1 - $0) * share).rounded()) }
    }
}
