using System.Text.Json.Nodes;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Removes the tool calls from the response to an agent in shadow mode: a document or a stream. Each subclass handles one API format.</summary>
internal abstract class ShadowFormat
{
    /// <summary>Name of the JSON member with the notice about the removed calls. No official client knows this member, and none fails on it.</summary>
    public const string Member = "cencori";

    private int _calls;
    private int _length;

    /// <summary>Complete tool calls that are not recorded yet. The event or document that completes them may be sent only after they are recorded.</summary>
    public List<RequestedCall> Ready { get; } = [];

    public static ShadowFormat Of(EventDialect events, bool isNative) => events switch
    {
        EventDialect.Typed => new ResponsesShadow(),
        EventDialect.Messages => new MessagesShadow(),
        _ => new ChatShadow(isNative),
    };

    /// <summary>Reads one event of a stream, and removes parts of tool calls from the event.</summary>
    public abstract Verdict Read(JsonObject data);

    /// <summary>Removes the calls from a whole response.</summary>
    /// <returns>False: the document has no calls and is unchanged.</returns>
    public abstract bool ReadDocument(JsonObject document);

    /// <summary>Adds the open tool calls to <see cref="Ready"/>. Called when the stream has sent its end marker, not if it ends without the marker.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Gives the buffers of incomplete tool calls back to their pool. May be called more than once.</summary>
    public virtual void Release()
    {
    }

    /// <summary>Number of removed events, in formats that number their events. 0 in other formats.</summary>
    public virtual int Dropped => 0;

    /// <summary>Adds the notice about the removed calls to the event that completes them.</summary>
    /// <returns>Text to send before the event. Null: the notice is already in the event.</returns>
    public abstract string? AddNotice(JsonObject? data, JsonObject notice);

    /// <summary>Adds a complete call to <see cref="Ready"/>.</summary>
    /// <exception cref="ShadowException">The call exceeds a limit of size.</exception>
    protected void AddCall(string? id, string tool, string arguments) => Ready.Add(Checked(id, tool, arguments));

    /// <inheritdoc cref="AddCall"/>
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
