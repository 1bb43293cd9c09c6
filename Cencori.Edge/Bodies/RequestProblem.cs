namespace Cencori.Edge.Bodies;

/// <summary>Why a request cannot be read. Becomes a 400 with code INVALID_REQUEST.</summary>
/// <param name="Message">For the caller. Never quotes the body, so that prompts do not reach logs through errors.</param>
/// <param name="Param">The faulty field. Null when the problem is the body as a whole.</param>
public readonly record struct RequestProblem(string Message, string? Param);
