namespace Cencori.Edge.Egress;

/// <summary>An address set by a project leads to a network that the edge does not connect to for projects. The message does not show the address.</summary>
public sealed class RefusedAddressException() : Exception($"The address is not on the public internet, and {EgressGuard.Setting} does not allow it.");
