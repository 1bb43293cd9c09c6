using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>What becomes of what local rules have found.</summary>
public sealed partial class InputScreen
{
    // Null: nothing is masked.
    private List<Splice>? Decide(Exchange exchange, ReadOnlySpan<byte> body, BodyScreen screen, PolicyTally tally, Func<ByteRange, bool> isModel)
    {
        List<(BodyHit, PolicyAction)>? replaced = null;
        var isEmbedded = exchange.Endpoint.Operation == Operation.Embeddings;
        foreach (var found in screen.Hits)
        {
            // Variables of callers stand in the text of a stored prompt.
            var hit = found.Role == PolicyRoles.System && exchange.Prompt is not null ? found with { Role = PolicyRoles.User } : found;
            var action = hit.Rule.ActionFor(hit.Role, isEmbedded);
            action = action > PolicyAction.Monitor && action != PolicyAction.Block && (hit.IsFixed || isModel(hit.Range)) ? PolicyAction.Monitor : action;
            if (action == PolicyAction.Off)
            {
                continue;
            }

            tally.Add(hit.Rule, isOutput: false, action, hit.Where);
            if (action is PolicyAction.Mask or PolicyAction.Tokenize)
            {
                (replaced ??= []).Add((hit, action));
            }
        }

        if (replaced is null || tally.Blocks)
        {
            return null;
        }

        exchange.Tokens = NewTokens(exchange.Caller!.Project.Id);
        return Masks.Of(replaced, body, exchange.Tokens);
    }
}
