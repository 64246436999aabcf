import Foundation
import Kit
import TestSupport
import Testing

/// Sound of any length through blocks of one length.
@Suite struct SeparationStreamTests {
    /// Gives each block back, louder or softer by turns if asked to, and notes how long it was.
    private final class Echo: Separator {
        let sampleRate: Int?
        private let gains: [Float]
        private(set) var blocks: [Int] = []
        var blockSeconds: Double { 0.5 }
        var overlapSeconds: Double { 0.1 }

        init(sampleRate: Int? = nil, gains: [Float] = [1]) { (self.sampleRate, self.gains) = (sampleRate, gains) }

        func separate(block: Waveform) throws -> Waveform {
            var result = block
            for index in result.values.indices { result.values[index] *= gains[blocks.count % gains.count] }
            blocks.append(block.count)
            return result
        }
    }

    private func sound(_ count: Int, rate: Int = 1000) -> Waveform {
        Waveform(Pattern.tensor("sound", [count, 2]), sampleRate: rate)
    }

    private func run(_ separator: Echo, _ sound: Waveform, pieces: [Int]) throws -> Waveform {
        let stream = try SeparationStream(separator, sampleRate: sound.sampleRate)
        var (parts, first, number): ([Waveform], Int, Int) = ([], 0, 0)
        while first < sound.count {
            let count = min(pieces[number % pieces.count], sound.count - first)
            let values = (0..<2).flatMap { Array(sound[channel: $0].dropFirst(first).prefix(count)) }
            parts.append(
                try stream.separate(
                    Waveform(channels: 2, count: count, sampleRate: sound.sampleRate, values: values)))
            (first, number) = (first + count, number + 1)
        }
        return Waveform(joining: parts + [try stream.finish()])
    }

    @Test(arguments: [1, 99, 499, 500, 501, 900, 901, 2345]) func joinsWhatItCut(count: Int) throws {
        let whole = sound(count)
        for pieces in [[count], [1, 300, 77], [64]] {
            let result = try run(Echo(), whole, pieces: pieces)
            #expect(result.count == count)
            #expect(zip(result.values, whole.values).allSatisfy { abs($0 - $1) <= 1e-6 }, "\(pieces)")
        }
    }

    @Test func pieceSizesDoNotMatter() throws {
        let whole = sound(4321)
        let results = try [[4321], [1, 300, 77], [64]].map { try run(Echo(gains: [1, -2, 0.5]), whole, pieces: $0) }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    /// Where two blocks meet, the first fades out and the second in.
    @Test func blocksFadeIntoEachOther() throws {
        let ones = Waveform(channels: 2, count: 1000, sampleRate: 1000, values: [Float](repeating: 1, count: 2000))
        let result = try run(Echo(gains: [0, 1]), ones, pieces: [1000])
        let left = Array(result[channel: 0])
        #expect(left[..<400].allSatisfy { $0 == 0 } && left[500..<800].allSatisfy { $0 == 1 })
        #expect((400..<500).allSatisfy { abs(left[$0] - (Float($0 - 400) + 0.5) / 100) < 1e-5 })
        #expect((800..<900).allSatisfy { abs(left[$0] - (Float(900 - $0) - 0.5) / 100) < 1e-5 })
    }

    @Test(arguments: [(8000, 48_000), (48_000, 8000), (44_100, 48_000), (48_000, 44_100)])
    func otherRatesComeBackInPlace(rate: Int, work: Int) throws {
        // A tone that both rates hold.
        let count = 3 * rate / 2 + 1
        var tone = Waveform(channels: 2, count: count, sampleRate: rate)
        for n in 0..<2 * count { tone.values[n] = Float(sin(2 * .pi * 440 * Double(n % count) / Double(rate))) }
        let result = try run(Echo(sampleRate: work), tone, pieces: [1000])
        #expect(result.count == count && result.sampleRate == rate)
        let inner = rate / 10..<count - rate / 10
        #expect(inner.allSatisfy { abs(result.values[$0] - tone.values[$0]) < 2e-3 })
    }

    /// Three hours never make a block longer, and the stream keeps nothing else.
    @Test func memoryIsThatOfABlock() throws {
        let echo = Echo()
        let stream = try SeparationStream(echo, sampleRate: 1000)
        let (piece, seconds) = (sound(30_000), 3 * 3600)
        var given = 0
        for done in stride(from: 0, to: seconds, by: 30) {
            given += try stream.separate(piece).count
            // All but one block has been given by now.
            #expect((done + 30) * 1000 - given <= 500)
        }
        given += try stream.finish().count
        #expect(given == seconds * 1000 && echo.blocks.allSatisfy { $0 <= 500 })
    }
}
