using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening;

/// <summary>Decides which action follows for each hit of local rules.</summary>
public sealed partial class InputScreen
{
    /// <summary>The action for a hit. In content that must not change, the hit is blocked instead of masked: a mask would turn the request into another one.
    /// A hit of an implied rule is only counted there.</summary>
    internal static PolicyAction Fixed(PolicyRule rule, PolicyAction action, bool isFixed) =>
        isFixed && (action is PolicyAction.Mask or PolicyAction.Tokenize) ? rule.IsImplied ? PolicyAction.Monitor : PolicyAction.Block : action;

    /// <summary>Creates the table, still empty, of the values that placeholders replace in one request of a project.</summary>
    internal TokenTable NewTokens(string projectId) => new(_tokenKey, projectId);

    // Returns the changes of the body. Null when nothing is masked.
    private List<Splice>? Decide(Exchange exchange, ReadOnlySpan<byte> body, BodyScreen screen, PolicyFindings findings, Func<ByteRange, bool> isModel)
    {
        List<(BodyHit, PolicyAction)>? replaced = null;
        var isEmbedded = exchange.Endpoint.Operation == Operation.Embeddings;
        foreach (var found in screen.Hits)
        {
            // Text of a stored prompt counts as user text, because it contains values that callers send.
            var hit = found.Role == PolicyRoles.System && exchange.Prompt is not null ? found with { Role = PolicyRoles.User } : found;
            var action = hit.Rule.ActionFor(hit.Role, isEmbedded);
            var isOfModel = isModel(hit.Range);
            action = Fixed(hit.Rule, action, hit.IsFixed || isOfModel);
            if (action == PolicyAction.Off)
            {
                continue;
            }

            findings.HidesModel |= (isOfModel || hit.IsFixed) && action == PolicyAction.Block;

            findings.Add(hit.Rule, isOutput: false, action, hit.Where);
            if (action is PolicyAction.Mask or PolicyAction.Tokenize)
            {
                (replaced ??= []).Add((hit, action));
            }
        }

        if (replaced is null || findings.Blocks)
        {
            return null;
        }

        exchange.Tokens = NewTokens(exchange.Caller!.Project.Id);
        return Masks.Of(replaced, body, exchange.Tokens);
    }

    // The edge refuses such requests before it calls the provider. After the call, the project would have to pay for audio that cannot be scanned.
    private static bool RespondsWithAudio(Exchange exchange) => exchange.Endpoint.Operation == Operation.Audio && exchange.Rest.StartsWithSegments("/audio/speech");

    // The rest of a stream may begin in the middle of a finding.
    private static bool BeginsLate(HttpRequest request) => request.QueryString.HasValue && request.Query.Keys.Any(static name => name.Equals("starting_after", StringComparison.OrdinalIgnoreCase));

    private bool IsListed(Exchange exchange, string? model) =>
        model is not null && exchange.Caller!.Project is var project
        && (project.ModelAliases.ContainsKey(model) || project.Routes.ContainsKey(model) || _catalog.Models.Lists(WithoutProvider(model)));

    private string WithoutProvider(string model) =>
        model.AsSpan().IndexOfAny('/', ':') is > 0 and var end && _catalog.Find(model.AsSpan(0, end)) is not null ? model[(end + 1)..] : model;

    /// <summary>The error of a request or response that a finding blocks.</summary>
    internal static EdgeError Violation(Exchange exchange, PolicyFindings findings, bool isOutput) =>
        Refusal(exchange, $"A policy of this project does not let this {(isOutput ? "response" : "request")} pass.", findings.Reasons());

    // For a native endpoint (/api/ai/…), the status is 400, because the Cencori SDKs raise SafetyError only then.
    private static EdgeError Refusal(Exchange exchange, string message, IReadOnlyList<string> reasons) => new(ErrorKind.PolicyViolation, message)
    {
        Reasons = reasons,
        Status = exchange.Endpoint.Errors == ErrorDialect.Flat ? StatusCodes.Status400BadRequest : StatusCodes.Status403Forbidden,
    };

    internal static EdgeError Unscanned(Exchange exchange, string message) => Refusal(exchange, message, ["unscanned"]);
}
