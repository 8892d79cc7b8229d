using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Passthrough.Gateway.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class KeyPurposes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "Purpose",
                table: "ApiKeys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "SignedOutAt",
                table: "ApiKeys",
                type: "timestamp with time zone",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Purpose",
                table: "ApiKeys");

            migrationBuilder.DropColumn(
                name: "SignedOutAt",
                table: "ApiKeys");
        }
    }
}
