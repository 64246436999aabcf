import Foundation
import Kit
import TestSupport
import Testing

@Suite struct RunLogTests {
    /// A terminal that keeps what is written to it, and a clock that is set by hand.
    private final class Screen {
        var text = ""
        var time = 0.0
        func terminal(interactive: Bool, color: Bool = false, width: Int = 80) -> Terminal {
            Terminal(isInteractive: interactive, hasColor: color, width: { width }) { self.text += $0 }
        }
    }

    private static func line(_ step: Int, of steps: Int = 200) -> ProgressLine {
        ProgressLine(
            step: step, steps: steps, epoch: 1, epochs: 4, loss: 5.3121,
            terms: [("primary", 2.65), ("secondary", 2.662)],
            clipsPerSecond: 24.06, dataWait: 0.031, secondsLeft: 252)
    }

    /// Control characters in names do not reach the terminal, and names cannot imitate another message.
    @Test func namesCannotSteerTheTerminal() throws {
        let screen = Screen()
        let log = RunLog(terminal: screen.terminal(interactive: true, color: true), now: { screen.time })
        try log.warning("left out: a\u{1B}]0;title\u{07}.mp4\nall is well\u{9B}2J")
        #expect(
            screen.text == "\u{1B}[33mwarning: left out: a\\x1b]0;title\\x07.mp4\n  all is well\\u009b2J\u{1B}[0m\n")
        screen.text = ""
        try log.show(CountProgress(verb: "a\u{1B}[2J\nb\rc: separated", noun: "seconds", step: 1, steps: 2, first: 0))
        #expect(screen.text.hasPrefix("\r▕") && screen.text.hasSuffix("\u{1B}[K"))
        #expect(screen.text.contains("a\\x1b[2J\\nb\\rc: separated 1/2"), "\(screen.text)")
    }

    @Test func lineHasEverythingOneWatches() {
        #expect(
            Self.line(12).text
                == "step 12/200 · epoch 1/4 · loss 5.312 (primary 2.650, secondary 2.662) · 24.1 clips/s · data 3% · 4m12s left"
        )
    }

    @Test func barFillsByEighthsAndFitsTheWindow() {
        func bar(_ step: Int) -> String { String(Self.line(step, of: 128).drawn(width: 200).prefix(18)) }
        #expect(bar(0) == "▕                ▏")
        #expect(bar(1) == "▕▏               ▏")
        #expect(bar(8) == "▕█               ▏")
        #expect(bar(12) == "▕█▌              ▏")
        #expect(bar(127) == "▕███████████████▉▏")
        #expect(bar(128) == "▕████████████████▏")
        for width in [0, 1, 5, 40, 80] { #expect(Self.line(3).drawn(width: width).count <= max(1, width - 1)) }
    }

    @Test func terminalIsRedrawnInPlaceTenTimesASecondAtMost() throws {
        let screen = Screen()
        let log = RunLog(terminal: screen.terminal(interactive: true), now: { screen.time })
        for step in 1...100 {
            screen.time = Double(step) * 0.03
            try log.show(Self.line(step))
        }
        let draws = screen.text.components(separatedBy: "\r").count - 1
        #expect((20...31).contains(draws), "\(draws) drawings in 3 s")
        #expect(!screen.text.contains("\n"))
        screen.text = ""
        try log.info("a line")
        #expect(screen.text.hasPrefix("\r\u{1b}[Ka line\n\r▕"))
        screen.text = ""
        log.endProgress()
        #expect(screen.text == "\r\u{1b}[K")
    }

    @Test(arguments: [RunLog.Progress.auto, .plain])
    func elsewhereThereIsALineEveryFewSeconds(progress: RunLog.Progress) throws {
        let screen = Screen()
        let log = RunLog(
            terminal: screen.terminal(interactive: progress == .plain), progress: progress, now: { screen.time })
        for step in 1...999 {
            screen.time = Double(step) * 0.02
            try log.show(Self.line(step, of: 1000))
        }
        #expect(screen.text.split(separator: "\n").count == 4, "\(screen.text) in 20 s")
        // The last line says that all is done, once.
        for _ in 0..<2 { try log.show(Self.line(1000, of: 1000)) }
        let lines = screen.text.split(separator: "\n")
        #expect(lines.count == 5 && lines[4].hasPrefix("step 1000/1000"), "\(lines)")
        #expect(!screen.text.contains("\u{1b}") && !screen.text.contains("\r"))
    }

    @Test func partsOfTheWorkCountTheirItems() throws {
        let screen = Screen()
        let log = RunLog(terminal: screen.terminal(interactive: false), now: { screen.time })
        let progress = try WorkProgress("fitted", "trees", of: 4, log: log, now: { screen.time })
        for _ in 0..<4 {
            screen.time += 4
            try progress.advance()
        }
        #expect(
            screen.text == """
                fitted 0/4 trees
                fitted 2/4 trees · 0.2 trees/s · 8s left
                fitted 4/4 trees · 0.2 trees/s

                """, "\(screen.text)")
        screen.text = ""
        // One that is over between two lines is not mentioned.
        try WorkProgress("fitted", "trees", of: 1, log: log, now: { screen.time }).advance(by: 7)
        #expect(screen.text.isEmpty, "\(screen.text)")
    }

    @Test func pluginsWriteIntoTheLogOfTheRun() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("log.txt").path
            let log = RunLog(terminal: Screen().terminal(interactive: false), verbosity: -1)
            log.record(to: try DiskFileSystem().open(path, appending: true))
            try Session().run {
                try log.used {
                    #expect(RunLog.current === log)
                    try RunLog.current.info("from a plugin")
                }
                #expect(RunLog.current !== log)
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("from a plugin\n"))
        }
    }

    @Test func verbosityChoosesWhatIsShown() throws {
        for (verbosity, progress, expected) in [
            (-1, RunLog.Progress.auto, "warning: w\n"), (0, .none, "warning: w\ninfo\n"),
            (1, .none, "warning: w\ninfo\ndetail\n"),
        ] {
            let screen = Screen()
            let log = RunLog(
                terminal: screen.terminal(interactive: false), verbosity: verbosity, progress: progress,
                now: { screen.time })
            try log.warning("w")
            try log.info("info")
            try log.detail("detail")
            try log.show(Self.line(1))
            #expect(screen.text == expected)
        }
    }

    @Test func warningsAreColouredOnlyWhereWanted() throws {
        let screen = Screen()
        try RunLog(terminal: screen.terminal(interactive: true, color: true)).warning("w")
        #expect(screen.text == "\u{1b}[33mwarning: w\u{1b}[0m\n")
    }

    @Test func fileHasEveryLineWithTheTimeWhateverIsShown() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("log.txt").path
            let log = RunLog(terminal: Screen().terminal(interactive: false), verbosity: -1, progress: .none)
            log.record(to: try DiskFileSystem().open(path, appending: true))
            try log.warning("w")
            try log.detail("d")
            try log.show(Self.line(12))
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 3)
            let stamped = #/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ .+/#
            for line in lines { #expect(line.wholeMatch(of: stamped) != nil, "\(line)") }
            #expect(lines[0].hasSuffix(" warning: w") && lines[1].hasSuffix(" d") && lines[2].contains(" step 12/200 "))
        }
    }

    @Test func quantitiesReadWell() {
        #expect(
            [0, 999, 1000, 412_345_678, 3_000_000_000_000_000].map(byteText) == [
                "0 bytes", "999 bytes", "1.0 kB", "412.3 MB", "3000.0 TB",
            ])
        #expect(
            [0, 42.4, 59.7, 252, 3780, 190_000, .infinity, -3].map(durationText) == [
                "0s", "42s", "1m00s", "4m12s", "1h03m", "2d04h", "0s", "0s",
            ])
    }
}
