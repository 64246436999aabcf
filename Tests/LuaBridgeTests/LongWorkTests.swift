import Foundation
import Kit
import LuaBridge
import Synchronization
import TestSupport
import Testing

/// Work inside of one call of Lua's, which its own hook cannot end: an interrupt in the middle leaves the rest undone.
@Suite(.serialized, .alone("Ctrl-C")) struct LongWorkTests {
    /// A pipe whose other end a thread fills, without a line's end, and which interrupts when a part of it was read.
    private final class EndlessPipe: @unchecked Sendable {
        let path: String
        private let isOver = Atomic<Bool>(false)
        private let count = Atomic<Int>(0)
        private let done = DispatchSemaphore(value: 0)

        init(_ path: String) {
            self.path = path
            mkfifo(path, 0o600)
            let thread = Thread { [self] in fill() }
            thread.start()
        }

        private func fill() {
            defer { done.signal() }
            let file = open(path, O_WRONLY)
            defer { close(file) }
            _ = fcntl(file, F_SETFL, O_NONBLOCK)
            signal(SIGPIPE, SIG_IGN)
            let piece = [UInt8](repeating: 0x78, count: 1 << 16)
            while !isOver.load(ordering: .relaxed), count.load(ordering: .relaxed) < 1 << 28 {
                let written = write(file, piece, piece.count)
                if written > 0 { count.wrappingAdd(written, ordering: .relaxed) }
                if written < 0 { usleep(100) }
                if written < 0, errno == EPIPE { return }
                if count.load(ordering: .relaxed) > 1 << 20 { Interrupt.request() }
            }
        }

        /// Ends the thread. Returns how many bytes it could get rid of.
        func finish() -> Int {
            isOver.store(true, ordering: .relaxed)
            done.wait()
            return count.load(ordering: .relaxed)
        }
    }

    @Test(arguments: [
        "for _ in io.lines(path) do end", "for _ in io.open(path):lines('L') do end", "io.open(path):read('a')",
        "io.open(path):read(1 << 29)", "io.input(path) io.read()", "pcall(function() io.open(path):read('a') end)",
    ])
    func readingIsAbandonedBetweenPieces(script: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = EndlessPipe(folder.appendingPathComponent("pipe").path)
        let lua = try LuaState()
        try lua.setGlobal("path", .string(pipe.path))
        defer { Interrupt.clear() }
        let error = #expect(throws: KitError.self) { try lua.run(chunk: "\(script) while true do end") }
        #expect(error?.kind == .interrupted)
        #expect(pipe.finish() < 1 << 26)
    }

    /// Lua has no chance to look while it fills memory; it gets none that takes long to fill.
    @Test func largeMemoryIsRefused() throws {
        let lua = try LuaState()
        defer { Interrupt.clear() }
        Interrupt.request()
        try lua.setGlobal("small", .string(String(repeating: "x", count: 1 << 10)))
        #expect(throws: KitError.self) {
            try lua.setGlobal("large", .string(String(repeating: "x", count: 1 << 23)))
        }
        Interrupt.clear()
        let sizes = try lua.run(chunk: "return #small, #(large or '')").map(\.optionText)
        #expect(sizes == ["1024", "0"])
    }

    @Test func tablesAreNotReadToTheEnd() throws {
        let lua = try LuaState()
        defer { Interrupt.clear() }
        try lua.run(chunk: "local t = {} for i = 1, 200000 do t[i] = i end list = t")
        Interrupt.request()
        let error = #expect(throws: KitError.self) { try lua.run(chunk: "return list") }
        #expect(error?.kind == .interrupted)
        Interrupt.clear()
        #expect(try lua.run(chunk: "return #list").first?.optionText == "200000")
    }

    /// A type whose method interrupts itself in the middle of its work.
    private class Worker: ScriptObject {
        static var scriptTypeName: String { "worker" }
        static var scriptSummary: String { "Works." }
        class var scriptMethodsCanBeAbandoned: Bool { false }
        let done = Atomic<Int>(0)
        static var scriptMethods: [ScriptMethod] {
            [
                ScriptMethod("work", on: Worker.self, "Works.") { worker in
                    ThreadPool.shared.forEach(100_000) { index in
                        if index == 3 { Interrupt.request() }
                        worker.done.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            ]
        }
    }

    private final class CarefreeWorker: Worker {
        override class var scriptMethodsCanBeAbandoned: Bool { true }
    }

    @Test func methodsThatKeepNothingAreAbandoned() throws {
        defer { Interrupt.clear() }
        for (worker, isWhole) in [(Worker(), true), (CarefreeWorker(), false)] {
            let lua = try LuaState()
            try lua.setGlobal("worker", .object(worker))
            let error = #expect(throws: KitError.self) { try lua.run(chunk: "worker:work()") }
            #expect(error?.kind == .interrupted)
            #expect((worker.done.load(ordering: .relaxed) == 100_000) == isWhole)
            Interrupt.clear()
        }
        #expect(Tensor.scriptMethodsCanBeAbandoned && !Module.scriptMethodsCanBeAbandoned)
    }
}
