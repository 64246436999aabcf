import Foundation
import KitCore
import KitMedia

/// Log-mel spectrograms as images: time to the right, frequency upwards, louder is lighter.
struct SpectrogramImage {
    /// The range of levels of the colour scale.
    let range: ClosedRange<Float>
    private let mel: LogMel

    /// A colour scale for sounds to compare: from the 5th percentile of all levels to the largest.
    init(_ mel: LogMel, for spectrograms: [[Float]]) {
        let levels = spectrograms.joined().sorted()
        let low = levels.isEmpty ? 0 : levels[levels.count / 20]
        let high = levels.last ?? 0
        range = low...max(high, low)
        self.mel = mel
    }

    /// The image of a spectrogram [frames, mels, channels], the mean of its channels.
    func frames(_ spectrogram: [Float], channels: Int) -> Frames {
        let mels = mel.settings.mels
        let count = spectrogram.count / (mels * channels)
        var image = Frames(count: 1, height: mels, width: count)
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        for frame in 0..<count {
            for band in 0..<mels {
                let place = (frame * mels + band) * channels
                let level = spectrogram[place..<place + channels].reduce(0, +) / Float(channels)
                let color = ColourScale.colour(Double((level - range.lowerBound) / span))
                let pixel = ((mels - 1 - band) * count + frame) * 3
                image.values.replaceSubrange(pixel..<pixel + 3, with: [color.red, color.green, color.blue])
            }
        }
        return image
    }

    /// Round frequencies with their heights in the image, 0 (bottom) to 1.
    var ticks: [(label: String, height: Double)] {
        let settings = mel.settings
        func place(_ hertz: Double) -> Double { settings.scale.mel(ofHertz: hertz) }
        let (low, high) = (place(settings.lowest), place(settings.highest))
        return [250.0, 1000, 4000, 16000].filter { settings.lowest < $0 && $0 < settings.highest * 0.95 }.map {
            ($0 < 1000 ? "\(Int($0)) Hz" : "\(Int($0 / 1000)) kHz", (place($0) - low) / (high - low))
        }
    }
}
