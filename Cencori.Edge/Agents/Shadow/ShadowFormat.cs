using System.Text.Json.Nodes;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Takes the tool calls out of one response, document or stream, in the format of one endpoint.</summary>
internal abstract class ShadowFormat
{
    /// <summary>The member that tells of held calls, which no official client knows, and none minds.</summary>
    public const string Member = "cencori";

    private int _calls;
    private int _length;

    /// <summary>Calls that are whole, and have to be recorded before what they were found in passes.</summary>
    public List<RequestedCall> Ready { get; } = [];

    public static ShadowFormat Of(EventDialect events, bool isNative) => events switch
    {
        EventDialect.Typed => new ResponsesShadow(),
        EventDialect.Messages => new MessagesShadow(),
        _ => new ChatShadow(isNative),
    };

    /// <summary>Reads one event, and takes out of it what belongs to calls.</summary>
    public abstract Verdict Read(JsonObject data);

    /// <summary>Takes the calls out of a whole response.</summary>
    /// <returns>False: there is none, and it has not been changed.</returns>
    public abstract bool ReadDocument(JsonObject document);

    /// <summary>The stream has told its end, so that what is open is whole. Not called where it only ends.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Gives back what is held. May be called more than once.</summary>
    public virtual void Release()
    {
    }

    /// <summary>How many events have been taken out, where they are numbered.</summary>
    public virtual int Dropped => 0;

    /// <summary>Tells of held calls in the event that they end with.</summary>
    /// <returns>What goes before it; null: it tells of them itself.</returns>
    public abstract string? Tell(JsonObject? data, JsonObject notice);

    /// <summary>The call is whole, and has to be recorded.</summary>
    /// <exception cref="ShadowException">It is more than anybody can judge.</exception>
    protected void Ask(string? id, string tool, string arguments) => Ready.Add(Checked(id, tool, arguments));

    /// <inheritdoc cref="Ask"/>
    protected RequestedCall Checked(string? id, string tool, string arguments)
    {
        ShadowJson.CheckCount(++_calls);
        ShadowJson.CheckName(id);
        ShadowJson.CheckName(tool);
        ShadowJson.CheckLength(arguments.Length);
        ShadowJson.CheckAll(_length += arguments.Length);
        return new(id, tool, arguments);
    }

    protected static string? Text(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    protected static int? Number(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;
}
