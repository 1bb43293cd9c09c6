using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Logs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_request_records_ProjectId_Environment_StartedAt",
                table: "request_records");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records",
                columns: new[] { "ProjectId", "KeyId", "StartedAt", "Id", "Picodollars" });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_StartedAt",
                table: "request_records",
                columns: new[] { "ProjectId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_RequestId",
                table: "request_records",
                column: "RequestId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_ProjectId_StartedAt",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_RequestId",
                table: "request_records");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_Environment_StartedAt",
                table: "request_records",
                columns: new[] { "ProjectId", "Environment", "StartedAt" });
        }
    }
}
