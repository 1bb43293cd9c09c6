namespace Cencori.Edge.Bodies;

/// <summary>Why a request cannot be read. Becomes a 400 with code INVALID_REQUEST.</summary>
/// <param name="Message">For the caller. Never quotes the body: prompts must not reach logs by way of errors.</param>
/// <param name="Param">The field at fault, or null when it is the body as a whole.</param>
public readonly record struct RequestProblem(string Message, string? Param);
