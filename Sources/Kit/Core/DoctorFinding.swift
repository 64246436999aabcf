/// One line of `dubkit doctor`: a library's version, a codec, a limit, and whether the kit can work with it.
public struct DoctorFinding: Encodable, Sendable {
    public let subject: String
    public let detail: String
    public let isHealthy: Bool

    public init(_ subject: String, _ detail: String, isHealthy: Bool = true) {
        self.subject = subject
        self.detail = detail
        self.isHealthy = isHealthy
    }
}
