import Foundation
import Kit
import TestSupport
import Testing

/// The environment variables that set the number of threads.
@Suite(.serialized, .alone("DUBKIT_THREADS")) struct ThreadCountTests {
    private func check(_ variable: String, _ text: String) throws -> String? {
        setenv(variable, text, 1)
        defer { unsetenv(variable) }
        return try ThreadCount.checkEnvironment()
    }

    @Test(arguments: ["DUBKIT_THREADS", "OMP_NUM_THREADS"], ["0", "-1", "abc", "2.5", "99999999999999999999", ","])
    func whatIsNoNumberOfThreadsIsRefused(variable: String, text: String) {
        let error = #expect(throws: KitError.self) { try check(variable, text) }
        #expect(error?.kind == .configuration)
        let start =
            "environment variable \(variable) must be a number of threads from 1 to \(ThreadCount.most), but is "
        #expect(error?.message == start + "\"\(text)\"")
    }

    @Test func numbersAreTaken() throws {
        for text in ["1", "2", " 3 ", ""] { #expect(try check("DUBKIT_THREADS", text) == nil) }
        // The first is that of the outermost loops.
        #expect(try check("OMP_NUM_THREADS", "4,2") == nil)
        #expect(throws: KitError.self) { try check("DUBKIT_THREADS", "4,2") }
    }

    @Test func tooManyAreSaidToBe() throws {
        #expect(ThreadCount.most >= 4 * ThreadCount.cores)
        let notice = try check("DUBKIT_THREADS", "100000")
        #expect(notice?.contains("100000 threads were asked for, but only \(ThreadCount.most) are used") == true)
    }
}
