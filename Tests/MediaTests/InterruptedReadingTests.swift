import Foundation
import Glibc
import Kit
import TestSupport
import Testing

/// Ctrl-C while a film is being decoded: reading ends with `.interrupted`, and the file is as good as before.
@Suite(.serialized, .alone("Ctrl-C")) struct InterruptedReadingTests {
    private struct Reading: Equatable {
        let frames: [UInt8]
        let sound: [Float]

        init(_ file: MediaFile) throws {
            frames = try file.readFrames(start: 1, duration: 5, count: 12, width: 16, height: 16).values
            sound = try file.readAudio(track: file.audioTracks[0], start: 0.5, duration: 5, sampleRate: 16_000).values
        }
    }

    private func withFilm(_ ending: String, _ body: (String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            try TestFilm.write(path, seconds: 7, video: .init(width: 64, height: 32), sounds: [.init()])
            try body(path)
        }
    }

    @Test func nothingIsReadWhileAnInterruptStands() throws {
        try withFilm("mkv") { path in
            let file = try MediaFile(path)
            let expected = try Reading(file)
            Interrupt.request()
            defer { Interrupt.clear() }
            for _ in 0..<2 {
                let error = #expect(throws: KitError.self) { try Reading(file) }
                #expect(error?.kind == .interrupted)
            }
            let opening = #expect(throws: KitError.self) { try MediaFile(path) }
            #expect(opening?.kind == .interrupted)
            Interrupt.clear()
            #expect(try Reading(file) == expected)
        }
    }

    /// Interrupts that come at any moment and are dealt with at once, as the prompt does: whatever a reading meets, it is
    /// the whole result or `.interrupted`, never a fault of the film.
    @Test(arguments: ["mkv", "mp4", "avi"]) func anInterruptIsNeverTakenForADamagedFilm(ending: String) throws {
        try withFilm(ending) { path in
            let file = try MediaFile(path)
            let expected = try Reading(file)
            let signals = Signaller()
            defer {
                signals.stop()
                Interrupt.clear()
            }
            for _ in 0..<60 {
                do {
                    #expect(try Reading(file) == expected)
                    #expect(try Reading(MediaFile(path)) == expected)
                } catch let error as KitError {
                    #expect(error.kind == .interrupted, "\(error)")
                }
            }
            signals.stop()
            Interrupt.clear()
            #expect(try Reading(file) == expected)
        }
    }

    /// A thread that asks for an interrupt again and again, and takes it back a little later.
    private final class Signaller: @unchecked Sendable {
        private let lock = NSLock()
        private let ended = DispatchSemaphore(value: 0)
        private var isStopped = false

        init() {
            Thread { [self] in
                var random = RandomStream(seed: 1)
                while !lock.withLock({ isStopped }) {
                    usleep(UInt32(random.index(below: 4000)))
                    Interrupt.request()
                    usleep(UInt32(random.index(below: 200)))
                    Interrupt.clear()
                }
                ended.signal()
            }.start()
        }

        func stop() {
            guard
                !lock.withLock({
                    defer { isStopped = true }
                    return isStopped
                })
            else { return }
            ended.wait()
        }
    }
}
