namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>Holds back the parts of a provider's response that must not reach the caller yet.</summary>
public interface IResponseHolder
{
    /// <param name="response">The response as the caller would read it.</param>
    /// <param name="isEventStream">False: the response is one document.</param>
    /// <returns>The stream that the caller reads instead.</returns>
    Stream Hold(Stream response, bool isEventStream);

    /// <summary>True: this object stores the response for projects that keep payloads, as the caller reads it.
    /// Default false: the response is stored as the provider sends it.</summary>
    bool KeepsPayload => false;

    /// <summary>True: this object still has to examine a part of the response before the caller reads it,
    /// even if the provider has sent everything. Default false.</summary>
    bool HasMore => false;
}
