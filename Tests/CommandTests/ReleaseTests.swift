import Foundation
import TestSupport
import Testing

/// The kit as a release has it: with the Swift runtime in a folder of its own, found by the place of the program.
@Suite struct ReleaseTests {
    @Test func aStagedKitUsesItsOwnRuntime() throws {
        try Fixtures.withTemporaryFolder { folder in
            let prefix = folder.appendingPathComponent("kit")
            let staged = try Command.run(
                ["scripts/dev/release/stage.sh", prefix.path], program: URL(fileURLWithPath: "/bin/sh"))
            #expect(staged.status == 0, "\(staged.errors)")
            // It works from any place.
            let moved = folder.appendingPathComponent("moved")
            try FileManager.default.moveItem(at: prefix, to: moved)
            let program = moved.appendingPathComponent("bin/dubkit")
            let libraries = try Command.run([program.path], program: URL(fileURLWithPath: "/usr/bin/ldd")).output
            let swift = libraries.split(separator: "\n").filter {
                $0.contains("libswift") || $0.contains("libFoundation")
            }
            #expect(swift.count > 5)
            for line in swift { #expect(line.contains(" \(moved.path)/"), "\(line)") }
            #expect(!libraries.contains("not found"))

            // The commit is that of the staging, the build that of the program.
            func build(_ program: URL) throws -> Substring? {
                try Command.run(["--version"], program: program).output.firstMatch(of: /build [0-9a-f]{12}/)?.output
            }
            let own = try build(program)
            #expect(try own != nil && own == build(Command.program))

            // Plugins are matched with the program by its build ID, which must have stayed.
            let doctor = try Command.run(["doctor"], program: program)
            #expect(
                doctor.status == 0 && doctor.output.contains("\(moved.path)/share/dubkit/scripts"), "\(doctor.output)")
        }
    }
}
