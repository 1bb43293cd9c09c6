using System.Text.Json.Nodes;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Takes the tool calls out of one answer, document or stream, in the format of one door.</summary>
internal abstract class ShadowFormat
{
    /// <summary>The member that tells of held calls, which no official client knows, and none minds.</summary>
    public const string Member = "cencori";

    /// <summary>Calls that are whole, and have to be recorded before what they were found in passes.</summary>
    public List<HeldCall> Ready { get; } = [];

    public static ShadowFormat Of(EventDialect events, bool isNative) => events switch
    {
        EventDialect.Typed => new ResponsesShadow(),
        EventDialect.Messages => new MessagesShadow(),
        _ => new ChatShadow(isNative),
    };

    /// <summary>Reads one event, and takes out of it what belongs to calls.</summary>
    public abstract Verdict Read(JsonObject data);

    /// <summary>Takes the calls out of a whole answer.</summary>
    /// <returns>False: there is none, and it has not been changed.</returns>
    public abstract bool ReadDocument(JsonObject document);

    /// <summary>The stream has come to its end: what was asked for and never finished is no call.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Tells of held calls in the event that they end with.</summary>
    /// <returns>What goes before it; null: it tells of them itself.</returns>
    public abstract string? Tell(JsonObject? data, JsonObject notice);

    protected static string? Text(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    protected static int? Number(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;
}
